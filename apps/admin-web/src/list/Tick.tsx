import type { ComponentProps } from "react";

type Props = ComponentProps<"input"> & { indeterminate?: boolean };

/** A box to tick: the browser's own, since a list has one in each row. */
export const Tick = ({ indeterminate = false, ...props }: Props) => (
  <input
    type="checkbox"
    className="tick"
    ref={(box) => {
      if (box) box.indeterminate = indeterminate;
    }}
    {...props}
  />
);
