// Requests about registries of others, as several parts make them.
import { useQuery } from "@tanstack/react-query";
import { answer, api } from "~/api/client";
import type { Registry, RegistrySet } from "~/api/types";

const REGISTRY = "/registries/{registry}";

const of = (registry: number) => ({ path: { registry } });

/** Makes one known, or changes the one of a number. */
export function saveRegistry(registry: number | undefined, body: RegistrySet): Promise<Registry> {
  if (registry === undefined) return answer(api.POST("/registries", { body }));
  return answer(api.PUT(REGISTRY, { params: of(registry), body }));
}

export function deleteRegistry(registry: number) {
  return answer(api.DELETE(REGISTRY, { params: of(registry) }));
}

/** Asks it now what it is, and whether it takes the login. */
export function checkRegistry(registry: number) {
  return answer(api.POST(`${REGISTRY}/check`, { params: of(registry) }));
}

/** What it has, as far as it tells; asked for when somebody looks. */
export function useRepositories(registry: number | undefined) {
  return useQuery({
    queryKey: ["registries", registry, "repositories"],
    queryFn: ({ signal }) =>
      answer(api.GET(`${REGISTRY}/repositories`, { params: of(registry ?? 0), signal })),
    enabled: registry !== undefined,
    retry: false,
    staleTime: 60_000,
  });
}
