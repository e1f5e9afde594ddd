import {
  convertCssVariables,
  DEFAULT_THEME,
  defaultCssVariablesResolver,
  mergeMantineTheme,
} from "@mantine/core";
import { expect, test } from "vitest";
import { theme } from "./theme";

// `npm test -- -u src/theme` writes the file anew.
test("the file of variables is the theme", async () => {
  const variables = defaultCssVariablesResolver(mergeMantineTheme(DEFAULT_THEME, theme));
  const css = convertCssVariables(variables, ":root").replaceAll(/;(?=[^\n])/g, ";\n");
  await expect(`${css}\n`).toMatchFileSnapshot("mantine.css");
});
