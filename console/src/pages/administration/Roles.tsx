// Roles that hold everywhere, and what each role may.
import { Check, Minus } from "lucide-react";
import { useWords } from "~/i18n";
import { forms } from "~/i18n/words/forms";
import { peopleWords } from "~/i18n/words/people";
import { useRoles } from "./grantCalls";
import { PERMISSIONS } from "./grants";
import { MembersEverywhere } from "./Members";
import { useRoleWord } from "./RolePicker";
import css from "./roles.module.css";

export default function Roles() {
  return (
    <div className="stack" style={{ gap: 20 }}>
      <MembersEverywhere />
      <RoleTable />
    </div>
  );
}

function RoleTable() {
  const say = useWords(peopleWords);
  const word = useWords(forms);
  const roles = useRoles();
  const roleWord = useRoleWord();
  return (
    <section className="card">
      <h2>{say("roles")}</h2>
      <p className="dim">{say("rolesLead")}</p>
      <div className={css.scroll} tabIndex={0} role="region" aria-label={say("roles")}>
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col">{say("role")}</th>
              {PERMISSIONS.map((it) => (
                <th key={it} scope="col" title={word(`about.${it}`)}>
                  {word(`p.${it}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {roles.map((role) => (
              <tr key={role.name}>
                <th scope="row">{roleWord(role.name)}</th>
                {PERMISSIONS.map((it) => {
                  const may = role.permissions.includes(it);
                  const Icon = may ? Check : Minus;
                  return (
                    <td key={it}>
                      <Icon
                        size={15}
                        className={may ? css.yes : css.no}
                        role="img"
                        aria-label={word(may ? "yes" : "no")}
                      />
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
