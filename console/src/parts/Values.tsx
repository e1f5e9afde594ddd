// Times and sizes, as the language writes them.
import { useEffect, useState } from "react";
import { useFormat, useWords } from "~/i18n";
import { parts } from "~/i18n/words/parts";

/** The time, told anew now and then, so that "1 minute ago" does not stay. */
export function useNow(seconds = 30): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), seconds * 1000);
    return () => clearInterval(timer);
  }, [seconds]);
  return now;
}

/** How long ago; the exact time on hover and for machines. */
export function TimeAgo({ time }: { time?: string | null }) {
  const say = useWords(parts);
  const format = useFormat();
  const now = useNow();
  if (!time) return <span className="dim">{say("never")}</span>;
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return <span>{time}</span>;
  return (
    <time dateTime={time} title={format.dateTime(at)} className="nowrap">
      {format.relative(at, now)}
    </time>
  );
}

export function Bytes({ bytes }: { bytes: number }) {
  const format = useFormat();
  return (
    <span className="nowrap" title={`${format.number(bytes)} B`}>
      {format.bytes(bytes)}
    </span>
  );
}
