// What Mantine's parts look like here. Its variables are written to mantine.css by the test beside this,
// since the server's policy forbids the style tag that it would make at run time.
import {
  createTheme,
  Drawer,
  type MantineColorsTuple,
  Menu,
  Modal,
  Popover,
  Select,
  Tooltip,
} from "@mantine/core";

/** Sea green, dark enough at 7 for text on white and for white on it. */
const sea: MantineColorsTuple = [
  "#e6f6f8",
  "#cfeaef",
  "#a3d5de",
  "#73bfcd",
  "#4dadbf",
  "#2f9cb0",
  "#178a9f",
  "#0b7285",
  "#075d6d",
  "#034855",
];

export const FONT =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';
export const MONO =
  'ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "Liberation Mono", "Noto Sans Mono", monospace';

/** Mantine's own dark surfaces, in the tones of ours. */
const dark: MantineColorsTuple = [
  "#e3eaed",
  "#c3d0d6",
  "#9db0ba",
  "#6d8490",
  "#3b4b54",
  "#27343b",
  "#1b252b",
  "#151d22",
  "#0f1519",
  "#0b1013",
];

export const theme = createTheme({
  colors: { sea, dark },
  primaryColor: "sea",
  primaryShade: { light: 7, dark: 7 },
  fontFamily: FONT,
  fontFamilyMonospace: MONO,
  headings: { fontFamily: FONT, fontWeight: "620" },
  defaultRadius: "sm",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    // Locking the page's scrolling would need a style tag as well.
    Modal: Modal.extend({
      defaultProps: { lockScroll: false, centered: true, transitionProps: { duration: 120 } },
    }),
    DrawerRoot: Drawer.Root.extend({
      defaultProps: { lockScroll: false, transitionProps: { duration: 150 } },
    }),
    Drawer: Drawer.extend({ defaultProps: { lockScroll: false, transitionProps: { duration: 150 } } }),
    Tooltip: Tooltip.extend({
      defaultProps: { events: { hover: true, focus: true, touch: true }, transitionProps: { duration: 80 } },
    }),
    Menu: Menu.extend({ defaultProps: { transitionProps: { duration: 80 }, shadow: "md" } }),
    Popover: Popover.extend({ defaultProps: { transitionProps: { duration: 80 }, shadow: "md" } }),
    Select: Select.extend({ defaultProps: { comboboxProps: { transitionProps: { duration: 80 } } } }),
  },
});
