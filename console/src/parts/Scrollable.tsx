// A piece of code that may be longer than its place and scrolls there then. With the keyboard it is reached
// only where it does: a stop at each short one would be a toil.
import { type ReactNode, useLayoutEffect, useRef, useState } from "react";

export function ScrollableCode({ className, children }: { className?: string; children: ReactNode }) {
  const box = useRef<HTMLElement>(null);
  const [isLonger, setLonger] = useState(false);
  useLayoutEffect(() => {
    const it = box.current;
    if (it === null) return;
    const measure = () =>
      setLonger(it.scrollHeight > it.clientHeight + 1 || it.scrollWidth > it.clientWidth + 1);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(it);
    return () => observer.disconnect();
  }, []);
  return (
    <code ref={box} className={className} tabIndex={isLonger ? 0 : undefined}>
      {children}
    </code>
  );
}
