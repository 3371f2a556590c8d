import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const accent: MantineColorsTuple = [
  "#e6f6f9",
  "#d3e9ee",
  "#a8d2dc",
  "#79bac9",
  "#54a6b9",
  "#3c9aaf",
  "#2d93aa",
  "#1c8095",
  "#0b7285",
  "#006374",
];

const title = { fontSize: "16px", fontWeight: 600 };

const header = { role: "presentation" };

export const theme = createTheme({
  primaryColor: "accent",
  primaryShade: 8,
  colors: { accent },
  defaultRadius: 6,
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "20px" },
  headings: {
    fontWeight: "600",
    sizes: { h1: { fontSize: "22px" }, h2: { fontSize: "16px" }, h3: { fontSize: "14px" } },
  },
  respectReducedMotion: true,
  components: {
    Notification: { defaultProps: { closeButtonProps: { "aria-label": "Dismiss" } } },
    Button: { defaultProps: { size: "sm" } },
    TextInput: { defaultProps: { size: "sm" } },
    PasswordInput: { defaultProps: { size: "sm" } },
    Select: { defaultProps: { size: "sm" } },
    // A dialog's header is not the page's banner, which its element would otherwise be read as.
    Drawer: {
      defaultProps: { attributes: { header }, transitionProps: { duration: 120 } },
      styles: { title },
    },
    Modal: {
      defaultProps: { attributes: { header }, transitionProps: { duration: 120 }, centered: true },
      styles: { title },
    },
    // A menu holds what can be chosen and nothing else, and is part of the page it was opened on.
    Menu: {
      defaultProps: { withInitialFocusPlaceholder: false, portalProps: { target: "#main" } },
    },
    Anchor: { defaultProps: { underline: "hover" } },
  },
});

/** Quiet text that is still read easily: the library's own is below 4.5 to 1. */
export const contrast: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#5c636a",
    "--mantine-color-placeholder": "#686f76",
    "--mantine-color-error": "#c92a2a",
    "--mantine-color-default-border": "#dee2e6",
    // What can be typed into must be seen against the page (WCAG 2.2, 1.4.11).
    "--field-line": "#868e96",
  },
  dark: {
    "--mantine-color-dimmed": "#a6a7ab",
    "--mantine-color-placeholder": "#909296",
    "--mantine-color-error": "#ff8787",
    "--field-line": "#828282",
  },
});
