type Props = {
  /** What is said of it. */
  label: string;
  tone: "good" | "waiting" | "busy" | "bad" | "still";
};

/** A state in a word, with a dot whose colour finds it again in a long list. */
export const Status = ({ label, tone }: Props) => (
  <span className="status" data-tone={tone}>
    {label}
  </span>
);
