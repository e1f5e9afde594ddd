// Where a policy may begin, for a namespace without one.
import { Button } from "@mantine/core";
import { useWords } from "~/i18n";
import { policyWords } from "~/i18n/words/policy";
import { PolicyInWords } from "./PolicyInWords";
import { BEGINNINGS, type Policy } from "./policy";
import css from "./policy.module.css";

const NAMES = ["watch", "careful", "strict"] as const;

export function Beginnings({ choose }: { choose: (policy: Policy) => void }) {
  const say = useWords(policyWords);
  return (
    <div className="stack">
      <div>
        <h2>{say("none")}</h2>
        <p className={`dim ${css.prose}`}>{say("noneText")}</p>
      </div>
      <div className="tiles">
        {NAMES.map((name) => (
          <section key={name} className={`card ${css.beginning}`}>
            <h3>{say(`begin.${name}`)}</h3>
            <p className="dim">{say(`beginText.${name}`)}</p>
            <PolicyInWords policy={BEGINNINGS[name]} />
            <div className={css.push} />
            <Button variant="default" onClick={() => choose({ ...BEGINNINGS[name] })}>
              {say("beginWith")}
              <span className="unseen">: {say(`begin.${name}`)}</span>
            </Button>
          </section>
        ))}
      </div>
    </div>
  );
}
