// One namespace by its name.
import { useQuery } from "@tanstack/react-query";
import { answer, api } from "~/api/client";

export function useNamespace(namespace: string | undefined) {
  return useQuery({
    queryKey: ["namespaces", "one", namespace],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/namespaces/{namespace}", { params: { path: { namespace: namespace ?? "" } }, signal }),
      ),
    enabled: namespace !== undefined,
  });
}
