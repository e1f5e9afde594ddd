// One number with its name, that leads to its list.
import type { ReactNode } from "react";
import { Link } from "react-router";
import css from "./page.module.css";

export function Figure(props: { name: ReactNode; value: ReactNode; to?: string; children?: ReactNode }) {
  return (
    <div className={`card ${css.tile}`}>
      <span className="dim">{props.name}</span>
      <span className={css.figure}>{props.to ? <Link to={props.to}>{props.value}</Link> : props.value}</span>
      {props.children}
    </div>
  );
}
