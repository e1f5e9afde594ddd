// Search, language, appearance, account.
import { ActionIcon, Menu, TextInput, Tooltip } from "@mantine/core";
import { CircleUser, KeyRound, Languages, LogOut, Monitor, Moon, PanelLeft, Search, Sun } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { Link, useLocation, useNavigate } from "react-router";
import { to } from "~/addresses";
import { useAccount, useSession } from "~/api/session";
import { LANGUAGES, useLanguage, useWords } from "~/i18n";
import { shell } from "~/i18n/words/shell";
import { useToasts } from "~/parts/toasts";
import { type Scheme, useScheme } from "~/theme/scheme";
import css from "./shell.module.css";

export function TopBar({ openNavigation }: { openNavigation: () => void }) {
  const say = useWords(shell);
  return (
    <div className={css.top} role="banner">
      <ActionIcon
        className={css.burger}
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={say("openNavigation")}
        onClick={openNavigation}
      >
        <PanelLeft size={18} />
      </ActionIcon>
      <SearchBox />
      <div className={css.rest} />
      <LanguageMenu />
      <SchemeMenu />
      <AccountMenu />
    </div>
  );
}

function SearchBox() {
  const say = useWords(shell);
  const navigate = useNavigate();
  const { pathname, search } = useLocation();
  const input = useRef<HTMLInputElement>(null);
  const asked = pathname === "/search" ? (new URLSearchParams(search).get("q") ?? "") : "";
  const [text, setText] = useState(asked);
  useEffect(() => setText(asked), [asked]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target))
        return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== "") void navigate(to.search(text.trim()));
  };
  return (
    <form role="search" className={css.search} onSubmit={submit}>
      <TextInput
        ref={input}
        size="sm"
        type="search"
        aria-label={say("search")}
        placeholder={say("search")}
        leftSection={<Search size={15} />}
        rightSection={<Key />}
        maxLength={512}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </form>
  );
}

/** The key that leads into the search box. */
function Key() {
  return (
    <span className={css.key} aria-hidden="true">
      /
    </span>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null
  );
}

export function LanguageMenu() {
  const say = useWords(shell);
  const { language, setLanguage } = useLanguage();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Tooltip label={say("language")}>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={say("language")}>
            <Languages size={17} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {LANGUAGES.map((it) => (
          <Menu.Item
            key={it.value}
            lang={it.value === "zh" ? "zh-Hans" : it.value}
            fw={it.value === language ? 600 : undefined}
            onClick={() => setLanguage(it.value)}
          >
            {it.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

const SCHEMES: [Scheme, "light" | "dark" | "system", typeof Sun][] = [
  ["light", "light", Sun],
  ["dark", "dark", Moon],
  ["auto", "system", Monitor],
];

export function SchemeMenu() {
  const say = useWords(shell);
  const { scheme, setScheme } = useScheme();
  const Icon = SCHEMES.find((it) => it[0] === scheme)?.[2] ?? Monitor;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Tooltip label={say("appearance")}>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={say("appearance")}>
            <Icon size={17} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {SCHEMES.map(([value, word, Icon]) => (
          <Menu.Item
            key={value}
            leftSection={<Icon size={15} />}
            fw={value === scheme ? 600 : undefined}
            onClick={() => setScheme(value)}
          >
            {say(word)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function AccountMenu() {
  const say = useWords(shell);
  const account = useAccount();
  const toasts = useToasts();
  const { signOut } = useSession();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Tooltip label={account.name}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={say("account", { name: account.name })}
          >
            <CircleUser size={18} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{account.name}</Menu.Label>
        <Menu.Item component={Link} to="/account" leftSection={<KeyRound size={15} />}>
          {say("myAccount")}
        </Menu.Item>
        <Menu.Item leftSection={<LogOut size={15} />} onClick={() => void signOut().catch(toasts.failed)}>
          {say("signOut")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
