import { type MailMessage, smtpMailer } from "@daybook/adapters";
import { renderMail } from "@daybook/emails";
import { v7 } from "uuid";
import { openBareMailer } from "../../floors/nodemailer.ts";
import { manyAtOnce, msOf } from "../../measure.ts";
import { startListening } from "../../processes.ts";
import type { Measured, Row, Setting } from "../../row.ts";
import { alternately } from "./alternately.ts";

const FROM = "Daybook <daybook@bench.example>";
const AT_ONCE = 5;

async function measure(setting: Setting): Promise<Measured> {
  const mails = setting.quick ? 200 : 600;
  await using server = await startListening("load/mail-server.ts");
  const properties = { name: "Grace Hopper", at: "2026-11-28T14:05:00.000Z" };
  const rendered = await renderMail("password-changed", properties, {
    url: "https://daybook.example",
  });
  const message = (nth: number): MailMessage => ({
    ...{ id: v7(), to: `grace.${nth}@bench.example`, secrets: [] },
    ...rendered,
  });
  const mailer = smtpMailer(server.url, FROM);
  const bare = openBareMailer(server.url, FROM, AT_ONCE);
  const rate = async (send: (message: MailMessage) => Promise<unknown>) => {
    const tookMs = await msOf(() => manyAtOnce(mails, AT_ONCE, (nth) => send(message(nth))));
    return mails / (tookMs / 1000);
  };
  const measured = await alternately(
    setting,
    () => rate(mailer.send),
    () => rate(bare.send),
  );
  await mailer.close();
  bare.close();
  return measured;
}

export const smtp: readonly Row[] = [
  {
    name: "SMTP: ready mails sent, 5 at once",
    unit: "/s",
    target: { share: 0.8 },
    floor: "nodemailer with the same mails over its pool of 5 connections",
    note: "The mails that the table has anyway are requested and rendered too.",
    measure,
  },
];
