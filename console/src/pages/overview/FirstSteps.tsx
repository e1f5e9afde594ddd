// An instance in which nothing is yet.
import { Button } from "@mantine/core";
import { Link } from "react-router";
import { useAccount } from "~/api/session";
import { useWords } from "~/i18n";
import { overview } from "~/i18n/words/overview";
import { Command } from "~/parts/Copy";
import { Empty } from "~/parts/States";

export function FirstSteps() {
  const say = useWords(overview);
  const account = useAccount();
  const { host } = location;
  return (
    <Empty title={say("startTitle")}>
      <p>{say("startText")}</p>
      <div className="stack" style={{ textAlign: "start" }}>
        <Command text={`docker login ${host} -u ${account.name}`} />
        <Command text={`docker tag alpine:latest ${host}/demo/alpine:latest`} />
        <Command text={`docker push ${host}/demo/alpine:latest`} />
        <Button component={Link} to="/namespaces">
          {say("startNamespace")}
        </Button>
      </div>
    </Empty>
  );
}
