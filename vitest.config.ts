import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * What takes long, in the order in which it begins: begun last, one file would be waited for alone.
 * Those that run many processes and engines of their own stand apart, so that they seldom meet.
 */
const long = [
  "test/crash/cluster.test.ts",
  "test/crash/points.test.ts",
  "apps/cli/src/events.test.ts",
  "test/model/api.test.ts",
  "test/contracts/documents.test.ts",
  "test/crash/random.test.ts",
  "test/browser/access.test.ts",
  "test/browser/large-list.test.ts",
  "test/browser/people.test.ts",
  "test/scenarios/product.test.ts",
  "test/crash/set-up-points.test.ts",
  "test/faults/start.test.ts",
  "test/faults/damage.test.ts",
  "test/faults/migrate.test.ts",
  "apps/cli/src/verify.test.ts",
  "apps/cli/src/program.test.ts",
  "test/scenarios/metrics.test.ts",
  "apps/cli/src/setup.test.ts",
  "test/faults/redis.test.ts",
  "test/scenarios/traces.test.ts",
  "test/contracts/event-store.test.ts",
  "test/contracts/event-store-db.test.ts",
  "test/eventstoredb/appends-under-faults.test.ts",
  "test/faults/mongodb.test.ts",
];

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = long.findIndex((name) => moduleId.endsWith(`/${name}`));
      return at < 0 ? long.length : at;
    };
    return (await super.sort(files)).toSorted((one, other) => place(one) - place(other));
  }
}

export default defineConfig({
  test: {
    include: ["{packages,apps}/*/src/**/*.test.ts", "test/**/*.test.ts"],
    // Set by whoever found no browser, and said so.
    exclude: process.env.TEST_WITHOUT_BROWSER ? ["test/browser/**"] : [],
    // Most of the time a test waits: for a server that starts, a flush, a page.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongFirst },
    // Browsers, servers, engines and hashes share the machine with the tests beside them: what takes
    // as long as this hangs.
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
