// A reason of a verdict. A policy knows only that there is no result; why there is none is known here.
import { Link } from "react-router";
import type { ScanStatus } from "~/api/types";
import { useWords } from "~/i18n";
import { artifact as words } from "~/i18n/words/artifact";
import { parts } from "~/i18n/words/parts";
import { Said } from "~/parts/Said";

interface ReasonTextProps {
  reason: { rule: string; what: string };
  scan?: ScanStatus | null;
  /** Where the log of its scan is; left out where nothing can be followed. */
  logTo?: string;
  isShort?: boolean;
}

export function ReasonText({ reason, scan, logTo, isShort }: ReasonTextProps) {
  const say = useWords(words);
  const word = useWords(parts);
  if (reason.rule !== "unscanned" || scan?.state !== "failed")
    return <Said text={reason.what} isShort={isShort} />;
  return (
    <>
      {say("hasFailed")}
      {logTo && (
        <>
          {" · "}
          <Link to={logTo} className="inText">
            {word("viewLog")}
          </Link>
        </>
      )}
    </>
  );
}
