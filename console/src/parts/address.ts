// State in the address: filters, order, tab. What is as by default does not stand there, so that two
// people who see the same have the same address.
import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";

export type AddressState<K extends string> = Record<K, string>;

/** The words of the address with what stands for those that it lacks. */
export function stateOf<K extends string>(
  search: URLSearchParams,
  defaults: Record<K, string>,
): AddressState<K> {
  const entries = Object.entries<string>(defaults).map(([key, value]) => [key, search.get(key) ?? value]);
  return Object.fromEntries(entries) as AddressState<K>;
}

/** The address after a change; what belongs to others stays. */
export function searchOf<K extends string>(
  search: URLSearchParams,
  defaults: Record<K, string>,
  change: Partial<Record<K, string>>,
): URLSearchParams {
  const next = new URLSearchParams(search);
  for (const [key, value] of Object.entries<string | undefined>(change)) {
    if (value === undefined || value === defaults[key as K]) next.delete(key);
    else next.set(key, value);
  }
  return next;
}

/** Filters and the like, kept in the address. `defaults` has to stay the same object. */
export function useAddressState<K extends string>(defaults: Record<K, string>) {
  const [search, setSearch] = useSearchParams();
  const state = useMemo(() => stateOf(search, defaults), [search, defaults]);
  const change = useCallback(
    (next: Partial<Record<K, string>>) =>
      setSearch((now) => searchOf(now, defaults, next), { replace: true, preventScrollReset: true }),
    [setSearch, defaults],
  );
  const isChanged = (Object.keys(defaults) as K[]).some((key) => state[key] !== defaults[key]);
  const clear = useCallback(() => change(defaults), [change, defaults]);
  return { state, change, isChanged, clear };
}

/** A yes, a no or neither, as a query has it. */
export function flagOf(word: string): boolean | undefined {
  return word === "" ? undefined : word === "yes";
}
