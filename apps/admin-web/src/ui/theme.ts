import { createTheme, type MantineColorsTuple } from "@mantine/core";

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

export const theme = createTheme({
  primaryColor: "accent",
  primaryShade: { light: 8, dark: 6 },
  colors: { accent },
  defaultRadius: 6,
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "20px" },
  headings: { fontWeight: "600", sizes: { h1: { fontSize: "22px" }, h2: { fontSize: "16px" } } },
  respectReducedMotion: true,
  components: {
    Badge: { styles: { root: { overflow: "visible" }, label: { overflow: "visible" } } },
    Button: { defaultProps: { size: "sm" } },
    TextInput: { defaultProps: { size: "sm" } },
    PasswordInput: { defaultProps: { size: "sm" } },
    Select: { defaultProps: { size: "sm" } },
    Drawer: { defaultProps: { transitionProps: { duration: 120 } } },
    Modal: { defaultProps: { transitionProps: { duration: 120 }, centered: true } },
    Anchor: { defaultProps: { underline: "hover" } },
  },
});
