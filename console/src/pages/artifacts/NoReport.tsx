// What stands where a scan's result would: that there is none yet, why, and what can be done.
import { Button } from "@mantine/core";
import { ScanSearch } from "lucide-react";
import { Link } from "react-router";
import { to } from "~/addresses";
import { useMay } from "~/api/session";
import type { ArtifactListed } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { artifact as words } from "~/i18n/words/artifact";
import { parts } from "~/i18n/words/parts";
import { Empty } from "~/parts/States";
import { useScan } from "./ArtifactLevel";

export function NoReport({ artifact }: { artifact: ArtifactListed }) {
  const say = useWords(words);
  const word = useWords(parts);
  const format = useFormat();
  const { namespace, repository, digest, scan } = artifact;
  const may = useMay("scan", namespace);
  const ask = useScan();
  const button = may && (
    <Button onClick={() => ask.mutate(artifact)} loading={ask.isPending}>
      {word("scan")}
    </Button>
  );
  switch (scan.state) {
    case "queued":
      return <Empty title={say("isQueued")} icon={ScanSearch} />;
    case "scanning":
      return (
        <Empty
          title={
            scan.progress_percent == null
              ? say("isScanning")
              : say("isScanningAt", { percent: format.percent(scan.progress_percent / 100) })
          }
          icon={ScanSearch}
        >
          {say("showsByItself")}
        </Empty>
      );
    case "failed":
      return (
        <Empty title={say("hasFailed")}>
          <p>
            <Link to={to.artifact(namespace, repository, digest, { tab: "log" })}>{word("viewLog")}</Link>
          </p>
          {button}
        </Empty>
      );
    default:
      return (
        <Empty title={say(scan.state === "stopped" ? "wasStopped" : "notScannedYet")} icon={ScanSearch}>
          <p>{may ? say("notScannedHelp") : say("mayNotScan")}</p>
          {button}
        </Empty>
      );
  }
}
