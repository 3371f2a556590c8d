import type { ReactNode } from "react";
import {
  Body,
  Button,
  Container,
  Head,
  Heading,
  Hr,
  Html,
  Link,
  Preview,
  Section,
  Text,
} from "react-email";
import type { MailContext } from "./context.ts";

const ACCENT = "#0b7285";
const SANS = '-apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, Helvetica, Arial, sans-serif';
const MONO = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace';

// Styles stand on the elements, because some readers drop the style sheet. It holds only what can
// not stand there: the narrow screen, and the dark colours of readers that do not choose their own.
const STYLE = `
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (max-width: 480px) { .card > tbody > tr > td { padding: 24px 20px !important; } }
@media (prefers-color-scheme: dark) {
  .page, .page > table > tbody > tr > td { background-color: #1a1b1e !important; }
  .card, .facts { background-color: #25262b !important; border-color: #3f4147 !important; }
  .line { border-top-color: #3f4147 !important; }
  .ink { color: #e9ecef !important; }
  .quiet { color: #a6a9b0 !important; }
  .accent { color: #66d9e8 !important; }
}`;

const quiet = { color: "#5c636a", fontSize: "13px", lineHeight: "20px" };

type FrameProps = {
  /** The title of the document and the heading of the mail. */
  title: string;
  /** What a list of mails shows after the subject. It holds no secret: lists are seen by others. */
  preview: string;
  context: MailContext;
  children: ReactNode;
};

/** What all mails look like. */
export const Frame = ({ title, preview, context, children }: FrameProps) => (
  <Html lang="en">
    <Head>
      <title>{title}</title>
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="supported-color-schemes" content="light dark" />
      {/* Else a password of digits is made a telephone number, and a time an appointment. */}
      <meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no" />
      <style>{STYLE}</style>
    </Head>
    <Body className="page" style={{ backgroundColor: "#f8f9fa", padding: 0, fontFamily: SANS }}>
      <Preview useTitleTag={false}>{preview}</Preview>
      <Container style={{ maxWidth: "560px", padding: "32px 16px" }}>
        <Text
          className="accent"
          data-skip-in-text
          style={{ color: ACCENT, fontSize: "16px", fontWeight: 600, margin: "0 0 16px" }}
        >
          Daybook
        </Text>
        <Section
          className="card"
          style={{
            backgroundColor: "#ffffff",
            border: "1px solid #dee2e6",
            borderRadius: "6px",
            padding: "32px",
          }}
        >
          <Heading
            className="ink"
            style={{
              color: "#212529",
              fontSize: "20px",
              fontWeight: 600,
              lineHeight: "28px",
              margin: "0 0 16px",
            }}
          >
            {title}
          </Heading>
          {children}
        </Section>
        <Text className="quiet" style={{ ...quiet, margin: "16px 0 0" }}>
          {"Sent by Daybook at "}
          <Link
            className="quiet"
            href={context.url}
            style={{ ...quiet, textDecoration: "underline" }}
          >
            {context.url}
          </Link>
        </Text>
      </Container>
    </Body>
  </Html>
);

/** A paragraph. */
export const Paragraph = ({ children }: { children: ReactNode }) => (
  <Text
    className="ink"
    style={{ color: "#212529", fontSize: "15px", lineHeight: "24px", margin: "0 0 16px" }}
  >
    {children}
  </Text>
);

/** What to do if the mail is unexpected: below a line, at the end. */
export const Aside = ({ children }: { children: ReactNode }) => (
  <>
    <Hr
      className="line"
      data-skip-in-text
      style={{ borderTopColor: "#dee2e6", margin: "24px 0 16px" }}
    />
    <Text className="quiet" style={{ ...quiet, margin: 0 }}>
      {children}
    </Text>
  </>
);

/** Names and values, each value whole and alone on its line, so that it can be copied. */
export const Facts = ({ facts }: { facts: Record<string, string> }) => (
  <Section
    className="facts"
    style={{
      border: "1px solid #dee2e6",
      borderRadius: "6px",
      margin: "0 0 16px",
      padding: "12px 16px 4px",
    }}
  >
    {Object.entries(facts).map(([name, value]) => (
      <div key={name}>
        <div className="label quiet" style={quiet}>
          {name}
        </div>
        <div
          className="value ink"
          style={{
            color: "#212529",
            fontFamily: MONO,
            fontSize: "15px",
            lineHeight: "24px",
            marginBottom: "8px",
            overflowWrap: "anywhere",
          }}
        >
          {value}
        </div>
      </div>
    ))}
  </Section>
);

/** The one thing to do. */
export const Action = ({ href, children }: { href: string; children: string }) => (
  <Button
    href={href}
    style={{
      backgroundColor: ACCENT,
      borderRadius: "6px",
      color: "#ffffff",
      fontSize: "15px",
      fontWeight: 600,
      margin: "8px 0 0",
      padding: "12px 20px",
    }}
  >
    <span className="label">{children}</span>
  </Button>
);
