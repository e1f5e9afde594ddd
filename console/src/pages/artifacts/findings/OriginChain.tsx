// Where a finding came from, as a chain: image, layer, instruction, file, package, and who owns the file.
import { Box, Boxes, FileCode2, Layers, Package, PackageCheck, Terminal } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { to } from "~/addresses";
import type { Finding } from "~/api/types";
import { useWords } from "~/i18n";
import { artifact as words } from "~/i18n/words/artifact";
import { plain } from "~/parts/Advisory";
import { Digest } from "~/parts/Copy";
import { ScrollableCode } from "~/parts/Scrollable";
import css from "./findings.module.css";
import { nameOf } from "./fix";
import { useHere } from "./here";

export function OriginChain({ finding }: { finding: Finding }) {
  const say = useWords(words);
  const { namespace, repository, reference, base } = useHere();
  const { layer, owner } = finding;
  return (
    <ol className={css.chain}>
      {finding.platforms.length > 0 && (
        <Step icon={<Box size={14} />} name={say(finding.platforms.length > 1 ? "platforms" : "platform")}>
          {finding.platforms.join(", ")}
        </Step>
      )}
      {base && (
        <Step icon={<Boxes size={14} />} name={say("builtOn")}>
          <ScrollableCode className={css.code}>{plain(base)}</ScrollableCode>
        </Step>
      )}
      <Step icon={<Layers size={14} />} name={say("layer")}>
        {layer ? (
          <span className="row" style={{ gap: 6 }}>
            <Link to={to.artifact(namespace, repository, reference, { layer: layer.diff_id })}>
              {say(layer.index === 0 ? "lowestLayer" : "layerNumber", { number: layer.index + 1 })}
            </Link>
            <Digest digest={layer.digest ?? layer.diff_id} />
            {layer.from_base != null && (
              <span className="dim">{say(layer.from_base ? "from_base" : "from_own")}</span>
            )}
          </span>
        ) : (
          <span className="dim">{say("noLayer")}</span>
        )}
      </Step>
      {layer && (
        <Step icon={<Terminal size={14} />} name={say("instruction")}>
          {layer.instruction ? (
            <ScrollableCode className={css.code}>{plain(layer.instruction)}</ScrollableCode>
          ) : (
            <span className="dim">{say("noInstruction")}</span>
          )}
        </Step>
      )}
      <Step icon={<FileCode2 size={14} />} name={say("file")}>
        <ScrollableCode className={css.code}>{plain(finding.path)}</ScrollableCode>
      </Step>
      <Step icon={<Package size={14} />} name={say("package")}>
        <ScrollableCode className={css.code}>{plain(finding.purl)}</ScrollableCode>
      </Step>
      {owner && (
        <Step icon={<PackageCheck size={14} />} name={say("owner")}>
          {say.rich("ownedBy", { name: <strong>{plain(nameOf(owner))}</strong> })}
        </Step>
      )}
    </ol>
  );
}

function Step({ icon, name, children }: { icon: ReactNode; name: string; children: ReactNode }) {
  return (
    <li>
      <span className={css.knot} aria-hidden="true">
        {icon}
      </span>
      <div className={css.step}>
        <span className={css.stepName}>{name}</span>
        <div>{children}</div>
      </div>
    </li>
  );
}
