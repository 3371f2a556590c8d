import { Select } from "@mantine/core";

/** One of a few values; a file of its own because the sign-in, whose form needs none, is loaded first. */
export default Select;
