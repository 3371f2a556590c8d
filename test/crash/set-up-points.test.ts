import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "../support/client.ts";
import { mailServer } from "../support/mail-server.ts";
import { dataFolder, removeFolder } from "../support/server.ts";
import { crashed, startCrashing, TEST_MS } from "./crashing.ts";
import { openInstallation } from "./installation.ts";

let mails: Awaited<ReturnType<typeof mailServer>>;
beforeAll(async () => {
  mails = await mailServer();
});
afterAll(() => mails.close());

/** The set-up is the demonstration's, which the server makes in an empty folder. */
const setUpPoints: [string, string][] = [
  ["there is an organization alone", "append:OrganizationCreated"],
  ["one value of the administrator is claimed", "append:ClaimTaken"],
  ["both values are claimed", "append:ClaimTaken#2"],
  ["the administrator is there, and has no place", "append:UserCreated"],
  ["the administrator has a place", "append:MemberAdded"],
  ["the worker's first reaction is deployed", "append:ReactionDeployed"],
  ["half of the people are there", "append:UserCreated#15"],
  ["somebody has left", "append:MemberDeactivated"],
];

describe("a set-up that dies when", { timeout: TEST_MS }, () => {
  test.each(setUpPoints)("%s is finished by the next start", async (_, point) => {
    const data = await dataFolder();
    const place = openInstallation(data, { DAYBOOK_DEMO: "1", SMTP_URL: mails.url });
    try {
      await crashed(startCrashing(place, point), point);
      const { running, output } = place.start();
      const url = String(await running);
      const password = String(/the password (\S+)/.exec(output())?.[1]);
      const administrator = connect(url);
      await administrator.signIn("admin", password);
      const { count } = await administrator.client.people.list.query({});
      expect(count).toBe(31);
      await place.end("SIGKILL");
    } finally {
      await place.end("SIGKILL");
      await removeFolder(data);
    }
  });
});
