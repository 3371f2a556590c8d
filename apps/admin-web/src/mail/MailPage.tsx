import { Button } from "@mantine/core";
import { IconTemplate } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useOpened } from "../app/open-state.ts";
import { may, useSignedIn } from "../app/session.ts";
import { DataList } from "../list/DataList.tsx";
import { t } from "../texts/index.ts";
import { MailPanel } from "./MailPanel.tsx";
import { mailList } from "./mail-list.tsx";
import { TestMailButton, TestMailOutcome, type Tried } from "./TestMail.tsx";

/** What was mailed, what waits, and what failed; in development also what it says. */
export function MailPage() {
  const me = useSignedIn();
  const [tried, setTried] = useState<Tried>();
  const { opened, close } = useOpened("open");
  return (
    <>
      <TestMailOutcome tried={tried} onClose={() => setTried(undefined)} />
      <DataList list={mailList}>
        <Button
          variant="default"
          leftSection={<IconTemplate size={16} aria-hidden />}
          renderRoot={(props) => <Link to="/mail/templates" preload="intent" {...props} />}
        >
          {t.mail.previews.title}
        </Button>
        {may(me, "people:write") && <TestMailButton onTried={setTried} />}
      </DataList>
      <MailPanel id={opened} onClose={close} />
    </>
  );
}
