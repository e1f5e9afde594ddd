// The report in every form that the server writes.
import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { answer, api, BASE } from "~/api/client";
import { useWords } from "~/i18n";
import { artifact as words } from "~/i18n/words/artifact";
import { Command, shortDigest } from "~/parts/Copy";
import { Failure, Loading } from "~/parts/States";
import type { ArtifactAddress, ArtifactTabProps } from "../artifact";
import css from "./tabs.module.css";

/** How each is called, and what its file ends with. A form that is new to us goes by its own name. */
const FORMS: Record<string, [title: string, ending: string]> = {
  html: ["HTML", "html"],
  json: ["Plimsoll JSON", "json"],
  csv: ["CSV", "csv"],
  table: ["Text", "txt"],
  sarif: ["SARIF", "sarif"],
  cyclonedx: ["CycloneDX", "cdx.json"],
  "cyclonedx-sbom": ["CycloneDX SBOM", "sbom.cdx.json"],
  "spdx-json": ["SPDX JSON", "spdx.json"],
  spdx: ["SPDX", "spdx"],
  openvex: ["OpenVEX", "openvex.json"],
  "cosign-vuln": ["Cosign", "vuln.json"],
  junit: ["JUnit", "xml"],
  gitlab: ["GitLab", "gitlab.json"],
  github: ["GitHub", "github.json"],
  trivy: ["Trivy JSON", "trivy.json"],
  grype: ["Grype JSON", "grype.json"],
};

const DESCRIBED = [
  "html",
  "json",
  "csv",
  "table",
  "sarif",
  "cyclonedx",
  "cyclonedx-sbom",
  "spdx-json",
  "spdx",
  "openvex",
  "cosign-vuln",
  "junit",
  "gitlab",
  "github",
  "trivy",
  "grype",
] as const;

export function reportAddress(address: ArtifactAddress, format: string): string {
  const { namespace, repository, reference } = address;
  const path = `namespaces/${encodeURIComponent(namespace)}/repositories/${encodeURIComponent(repository)}`;
  return `${BASE}/${path}/artifacts/${reference}/report?format=${encodeURIComponent(format)}`;
}

export function fileName(address: ArtifactAddress, tag: string | undefined, format: string): string {
  const name = `${address.namespace}-${address.repository}-${tag ?? shortDigest(address.reference)}`;
  return `${name.replaceAll(/[^\w.-]+/g, "-")}.${FORMS[format]?.[1] ?? format}`;
}

export default function DownloadsTab({ address, overview }: ArtifactTabProps) {
  const say = useWords(words);
  const instance = useQuery({
    queryKey: ["instance"],
    queryFn: ({ signal }) => answer(api.GET("/instance", { signal })),
    staleTime: 600_000,
  });
  if (instance.error) return <Failure error={instance.error} again={() => void instance.refetch()} />;
  if (!instance.data) return <Loading />;
  const known = Object.keys(FORMS);
  const forms = [...instance.data.report_formats].sort(
    (one, other) => (known.indexOf(one) + 1 || 99) - (known.indexOf(other) + 1 || 99),
  );
  const tag = overview.artifact.tags[0];
  const image = `${location.host}/${address.namespace}/${address.repository}${tag ? `:${tag}` : `@${address.reference}`}`;
  return (
    <div className="stack">
      <div className={css.forms}>
        {forms.map((form) => {
          const described = DESCRIBED.find((it) => it === form);
          return (
            <a
              key={form}
              className={css.form}
              href={reportAddress(address, form)}
              download={fileName(address, tag, form)}
            >
              <Download size={16} aria-hidden="true" />
              <span className={css.formText}>
                <strong>{FORMS[form]?.[0] ?? form}</strong>
                <span className="dim">{described ? say(`form_${described}`) : form}</span>
              </span>
            </a>
          );
        })}
      </div>
      <p className="dim">{say("formsHelp")}</p>
      <Command text={`plimsoll remote report ${image} --format sarif`} />
    </div>
  );
}
