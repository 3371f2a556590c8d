import "@mantine/notifications/styles.css";
import { Notifications } from "@mantine/notifications";

/** Where it is said what was done. What is said before this is loaded waits for it. */
export default () => <Notifications position="bottom-right" />;
