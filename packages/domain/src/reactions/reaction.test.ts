import { describe, test } from "vitest";
import { spec } from "../kernel/spec.ts";
import { reaction } from "./reaction.ts";

describe("a reaction", () => {
  const deployed = { type: "ReactionDeployed" as const, data: { name: "welcome" } };
  const deploy = { type: "DeployReaction", data: { name: "welcome" } };
  test("is deployed", () => spec(reaction).given().when(deploy).then(deployed));
  test("is deployed once", () => spec(reaction).given(deployed).when(deploy).then());
});
