// Pages that are not there, or not for whoever looks.
import { Button } from "@mantine/core";
import { Compass, Lock } from "lucide-react";
import { Link } from "react-router";
import { ApiError } from "~/api/error";
import { useAccount } from "~/api/session";
import type { Permission } from "~/api/types";
import { useWords } from "~/i18n";
import { shell } from "~/i18n/words/shell";
import { usePageTitle } from "~/parts/PageHeader";
import { Empty, Failure } from "~/parts/States";

/** A page that is there, above one that is not. */
export interface Near {
  label: string;
  to: string;
}

export function NotFound({ near }: { near?: Near }) {
  const say = useWords(shell);
  usePageTitle(say("notFound"));
  return (
    <Empty title={say("notFound")} icon={Compass}>
      <p>{say("notFoundText")}</p>
      <WaysOut near={near} />
    </Empty>
  );
}

export function Forbidden({ permission }: { permission: Permission }) {
  const say = useWords(shell);
  const account = useAccount();
  usePageTitle(say("forbidden"));
  return (
    <Empty title={say("forbidden")} icon={Lock}>
      <p>{say("forbiddenText", { name: account.name, permission: say(permission) })}</p>
      <WaysOut />
    </Empty>
  );
}

/** For a page whose one object could not be read: not there, not allowed, or a failure. */
export function PageFailure({
  error,
  again,
  permission = "read",
  near,
}: {
  error: Error;
  again?: () => void;
  permission?: Permission;
  near?: Near;
}) {
  if (error instanceof ApiError && error.status === 404) return <NotFound near={near} />;
  if (error instanceof ApiError && error.kind === "forbidden") return <Forbidden permission={permission} />;
  return <Failure error={error} again={again} />;
}

function WaysOut({ near }: { near?: Near }) {
  const say = useWords(shell);
  return (
    <div className="row" style={{ justifyContent: "center" }}>
      {near && (
        <Button component={Link} to={near.to}>
          {near.label}
        </Button>
      )}
      <Button component={Link} to="/" variant="default">
        {say("toOverview")}
      </Button>
      <Button component={Link} to="/namespaces" variant="default">
        {say("toNamespaces")}
      </Button>
      <Button component={Link} to="/why" variant="default">
        {say("whyNot")}
      </Button>
    </div>
  );
}
