// The frame around every page: navigation at the side, search and account above.
import { Drawer } from "@mantine/core";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useLocation } from "react-router";
import { useWords } from "~/i18n";
import { shell } from "~/i18n/words/shell";
import { useLive } from "~/live";
import { Navigation } from "./Navigation";
import css from "./shell.module.css";
import { TopBar } from "./TopBar";

export function Shell({ children }: { children: ReactNode }) {
  const say = useWords(shell);
  const [isOpen, setOpen] = useState(false);
  const isConnected = useLive();
  const main = useNewPage();
  return (
    <>
      <a href="#main" className={css.skip}>
        {say("skip")}
      </a>
      <div className={css.frame}>
        <div className={css.side}>
          <Navigation />
        </div>
        <Drawer.Root opened={isOpen} onClose={() => setOpen(false)} size={260}>
          <Drawer.Overlay />
          <Drawer.Content aria-label={say("navigation")}>
            <Drawer.Body>
              <Navigation onChosen={() => setOpen(false)} />
            </Drawer.Body>
          </Drawer.Content>
        </Drawer.Root>
        <div className={css.column}>
          <TopBar openNavigation={() => setOpen(true)} />
          {!isConnected && (
            <div className={css.offline} role="status">
              {say("offline")}
            </div>
          )}
          <main id="main" ref={main} tabIndex={-1} className={css.main}>
            {children}
          </main>
        </div>
      </div>
    </>
  );
}

/** Another page begins at its top, and for screen readers at its content. */
function useNewPage() {
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [pathname]);
  return main;
}
