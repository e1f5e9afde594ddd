// Light, dark, or as the system is; kept in the browser. public/scheme.js reads it before the first paint.
import { localStorageColorSchemeManager, useMantineColorScheme } from "@mantine/core";

export type Scheme = "light" | "dark" | "auto";

export const schemeManager = localStorageColorSchemeManager({ key: "plimsoll.scheme" });

export function useScheme(): { scheme: Scheme; setScheme: (scheme: Scheme) => void } {
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  return { scheme: colorScheme, setScheme: setColorScheme };
}
