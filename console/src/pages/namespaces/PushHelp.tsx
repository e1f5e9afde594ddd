// How an image gets here.
import { useWords } from "~/i18n";
import { namespaces } from "~/i18n/words/namespaces";
import { Command } from "~/parts/Copy";

export function PushHelp({ namespace, repository }: { namespace: string; repository: string }) {
  const say = useWords(namespaces);
  const image = `${location.host}/${namespace}/${repository}:1.0`;
  return (
    <div className="stack" style={{ textAlign: "start", gap: 6 }}>
      <p style={{ margin: 0 }}>{say("pushHelp")}</p>
      <Command text={`docker login ${location.host}`} />
      <Command text={`docker tag IMAGE ${image}`} />
      <Command text={`docker push ${image}`} />
    </div>
  );
}
