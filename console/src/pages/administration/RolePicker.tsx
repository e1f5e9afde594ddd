// What somebody may: one of the roles, or single permissions.
import { Checkbox } from "@mantine/core";
import { useFormat, useWords } from "~/i18n";
import { forms } from "~/i18n/words/forms";
import { peopleWords } from "~/i18n/words/people";
import { Cards } from "./AccountParts";
import css from "./administration.module.css";
import { useRoles } from "./grantCalls";
import { isPermission, PERMISSIONS, rolesFor } from "./grants";

interface RolePickerProps {
  place: "namespace" | "instance";
  granted: string[];
  onChange: (granted: string[]) => void;
}

export function RolePicker({ place, granted, onChange }: RolePickerProps) {
  const say = useWords(peopleWords);
  const roles = useRoles();
  const roleWord = useRoleWord();
  const format = useFormat();
  const word = useWords(forms);
  const held = granted.filter((it) => !isPermission(it));
  // A role that is held already is shown, though it would not be offered.
  const offered = [
    ...rolesFor(place, roles),
    ...roles.filter((it) => held.includes(it.name) && !rolesFor(place, roles).includes(it)),
  ];
  const isSingle = granted.length > 0 && held.length === 0;
  const mayWords = (permissions: string[]) =>
    format.list(PERMISSIONS.filter((it) => permissions.includes(it)).map((it) => word(`p.${it}`)));
  return (
    <Cards
      legend={say("role")}
      choices={[
        ...offered.map(({ name, permissions }) => ({
          value: name,
          label: roleWord(name),
          text: mayWords(permissions),
        })),
        { value: SINGLE, label: say("single"), text: say("singleHelp") },
      ]}
      chosen={isSingle ? [SINGLE] : held}
      onChange={(role) => onChange(role === SINGLE ? ["read"] : [role])}
    >
      {isSingle && <PermissionPicker chosen={granted} onChange={onChange} />}
    </Cards>
  );
}

/** No role, but permissions; no role is called so. */
const SINGLE = "";

/** Single permissions, those that may be chosen. */
export function PermissionPicker(props: {
  chosen: string[];
  onChange: (chosen: string[]) => void;
  offered?: readonly string[];
  label?: string;
}) {
  const word = useWords(forms);
  const offered = PERMISSIONS.filter((it) => props.offered?.includes(it) ?? true);
  return (
    <div className={css.permissions} role="group" aria-label={props.label}>
      {offered.map((it) => (
        <Checkbox
          key={it}
          size="xs"
          label={word(`about.${it}`)}
          checked={props.chosen.includes(it)}
          onChange={(event) =>
            props.onChange(
              event.currentTarget.checked
                ? PERMISSIONS.filter((one) => one === it || props.chosen.includes(one))
                : props.chosen.filter((one) => one !== it),
            )
          }
        />
      ))}
    </div>
  );
}

/** The word for a role; one that we do not know is called as the server calls it. */
export function useRoleWord(): (role: string) => string {
  const word = useWords(forms);
  return (role) => {
    switch (role) {
      case "viewer":
      case "developer":
      case "maintainer":
      case "namespace-admin":
      case "security-auditor":
      case "administrator":
        return word(`r.${role}`);
      default:
        return isPermission(role) ? word(`p.${role}`) : role;
    }
  };
}
