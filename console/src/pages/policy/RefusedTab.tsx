// Refused pulls of a namespace.
import type { Namespace } from "~/api/types";
import { RefusedPulls } from "./RefusedPulls";

export default function RefusedTab({ namespace }: { namespace: Namespace }) {
  return <RefusedPulls namespace={namespace.name} />;
}
