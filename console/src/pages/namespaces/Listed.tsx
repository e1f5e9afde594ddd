// Of a namespace that lists a registry of others, for those who configure it: that the list is not as the
// registry is.
import { useMay } from "~/api/session";
import { SourceTrouble, useSource } from "../administration/LookNow";

export default function Listed({ namespace }: { namespace: string }) {
  const may = useMay("configure", namespace);
  const { data: source } = useSource(namespace, may);
  if (!source?.problem && !source?.is_cut) return null;
  return (
    <div className="stack" style={{ marginBottom: 12 }}>
      <SourceTrouble source={source} />
    </div>
  );
}
