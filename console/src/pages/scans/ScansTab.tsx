// Scans of a namespace.
import type { Namespace } from "~/api/types";
import { Scans } from "./Scans";

export default function ScansTab({ namespace }: { namespace: Namespace }) {
  return <Scans namespace={namespace.name} />;
}
