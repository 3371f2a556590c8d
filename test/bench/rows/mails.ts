import { setTimeout as delay } from "node:timers/promises";
import { inProcessQueue, type MailMessage, smtpMailer } from "@daybook/adapters";
import type { Envelope } from "@daybook/application";
import { mail } from "@daybook/domain";
import { renderMail } from "@daybook/emails";
import { startWorker } from "@daybook/worker";
import { v7 } from "uuid";
import { ORGANIZATION, open, peopled, personId } from "../fixtures.ts";
import { manyAtOnce, msOf } from "../measure.ts";
import { startListening } from "../processes.ts";
import { type Measured, type Row, repeat, type Setting } from "../row.ts";

const FROM = "Daybook <daybook@bench.example>";
const URL = "https://daybook.example";
const properties = { name: "Grace Hopper", at: "2026-11-28T14:05:00.000Z" };
const to = (nth: number) => `grace.${nth}@bench.example`;

function fail(error: unknown): never {
  throw error;
}

async function measureSent(setting: Setting, url: string, mails: number, times: number) {
  const app = await open(await peopled(setting, { people: 1 }));
  const mailer = smtpMailer(url, FROM);
  const queue = inProcessQueue(app.now, fail);
  const parts = { app, mailer, queue, url: () => URL, signInDays: 90, newId: v7, onError: fail };
  const worker = await startWorker(parts);
  const sent = () => (worker.status().mail as { sent: number }).sent;
  const request = (nth: number) => {
    const about: Envelope = {
      ...{ commandId: v7(), organization: ORGANIZATION, subject: personId(0) },
      actor: { kind: "system", id: "account-mail" },
    };
    const data = { template: "password-changed", to: to(nth), properties } as const;
    return app.execute(mail, v7(), { type: "RequestMail", data }, about);
  };
  async function send(count: number) {
    const before = sent();
    await manyAtOnce(count, 64, request);
    while (sent() < before + count) await delay(2);
  }
  // The first mail loads the templates.
  await send(20);
  const rate = async () => mails / ((await msOf(() => send(mails))) / 1000);
  const runs = await repeat(setting, "requested, rendered, sent", times, rate);
  await worker.stop();
  await mailer.close();
  await app.close();
  return runs;
}

async function measureBare(setting: Setting, url: string, mails: number, times: number) {
  const mailer = smtpMailer(url, FROM);
  const rendered = await renderMail("password-changed", properties, { url: URL });
  const message = (nth: number): MailMessage => ({
    id: v7(),
    to: to(nth),
    ...rendered,
    secrets: [],
  });
  const send = () => manyAtOnce(mails, 5, (nth) => mailer.send(message(nth)));
  await send();
  const rate = async () => mails / ((await msOf(send)) / 1000);
  const runs = await repeat(setting, "ready mails sent", times, rate);
  await mailer.close();
  return runs;
}

async function measure(setting: Setting): Promise<Measured> {
  const mails = setting.quick ? 200 : 1500;
  const times = setting.quick ? 2 : 5;
  await using server = await startListening("load/mail-server.ts");
  const runs = await measureSent(setting, server.url, mails, times);
  return { runs, floor: await measureBare(setting, server.url, mails, times) };
}

export const mails: readonly Row[] = [
  {
    name: "mails requested, rendered and sent",
    unit: "/s",
    target: { share: 0.8 },
    floor: "nodemailer with ready mails over its pool of 5 connections",
    measure,
  },
];
