// Which tab of a page the address names.
import { useSearchParams } from "react-router";

/** The tab of the address, if there is one of this name; else the first. */
export function useTab<T extends { key: string }>(tabs: T[], name = "tab"): T | undefined {
  const [search] = useSearchParams();
  return tabs.find((it) => it.key === search.get(name)) ?? tabs[0];
}
