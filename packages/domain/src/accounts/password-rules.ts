/** Words that an attacker tries first with this person: their names, their address, the product. */
export type PasswordContext = {
  username?: string;
  email?: string;
  firstName?: string;
  lastName?: string;
};

/** Shorter words turn up in good passwords by chance. */
const WORD_MIN = 4;

/**
 * Why a password that is long enough is still refused, or nothing if it is accepted. There are no
 * composition rules (NIST SP 800-63B-4, 3.1.1.2). A list of common passwords is not among these.
 */
export function passwordWeakness(
  password: string,
  context: PasswordContext,
): "context" | "pattern" | undefined {
  const folded = password.toLowerCase();
  const words = [
    "daybook",
    context.email,
    context.username,
    ...(context.email?.split(/[@.]/).slice(0, 2) ?? []),
    context.firstName,
    context.lastName,
  ];
  const known = words.filter((word) => word !== undefined && word.length >= WORD_MIN) as string[];
  const rest = known.reduce((left, word) => left.replaceAll(word.toLowerCase(), ""), folded);
  // What is left when the known words are taken out must be a secret of its own.
  if (rest !== folded && [...rest].length < WORD_MIN * 2) return "context";
  if (new Set(folded).size < 5 || isSequence(folded)) return "pattern";
  return undefined;
}

const isSequence = (text: string): boolean => {
  const steps = new Set<number>();
  for (let at = 1; at < text.length; at++) steps.add(text.charCodeAt(at) - text.charCodeAt(at - 1));
  return steps.size <= 2 && [...steps].every((step) => [1, 9].includes(Math.abs(step)));
};
