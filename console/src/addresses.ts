// The addresses of pages: made here and read here, nowhere else.

/** Slashes stay, as in the addresses that the registry names; a part that would be mistaken does not. */
function repositoryPath(repository: string): string {
  const isPlain = !repository.split("/").includes("artifacts");
  return isPlain ? repository.split("/").map(encodeURIComponent).join("/") : encodeURIComponent(repository);
}

export const to = {
  namespace: (namespace: string, tab?: string) =>
    `/namespaces/${encodeURIComponent(namespace)}${tab ? `?tab=${tab}` : ""}`,
  repository: (namespace: string, repository: string) =>
    `/namespaces/${encodeURIComponent(namespace)}/repositories/${repositoryPath(repository)}`,
  artifact: (namespace: string, repository: string, reference: string, search?: Record<string, string>) => {
    const query = search === undefined ? "" : `?${new URLSearchParams(search)}`;
    return `${to.repository(namespace, repository)}/artifacts/${reference}${query}`;
  },
  /** The artifacts of all namespaces; the words of the search are those of the list's filters. */
  artifacts: (search: Record<string, string> = {}) => {
    const query = new URLSearchParams(search).toString();
    return query === "" ? "/artifacts" : `/artifacts?${query}`;
  },
  vulnerability: (id: string) => `/vulnerabilities/${encodeURIComponent(id)}`,
  search: (text: string) => `/search?${new URLSearchParams({ q: text })}`,
  why: (image?: string) => `/why${image ? `?${new URLSearchParams({ image })}` : ""}`,
};

export interface RepositoryAddress {
  repository: string;
  /** The tag or digest of one artifact of it. */
  reference?: string;
}

/** What stands behind `/repositories/`, read from the right: a name has any number of parts. */
export function repositoryOf(rest: string): RepositoryAddress {
  const segments = rest.split("/").filter((it) => it !== "");
  const decode = (text: string) => text.replaceAll(/%2f/gi, "/");
  const isArtifact = segments.length >= 3 && segments.at(-2) === "artifacts";
  if (!isArtifact) return { repository: segments.map(decode).join("/") };
  return { repository: segments.slice(0, -2).map(decode).join("/"), reference: segments.at(-1) };
}
