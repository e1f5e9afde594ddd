// Shows what is below only to whoever may do it. The server refuses by itself; this saves the asking.
import type { ReactNode } from "react";
import { useMay } from "~/api/session";
import type { Permission } from "~/api/types";

export function Can(props: {
  permission: Permission;
  namespace?: string;
  children: ReactNode;
  otherwise?: ReactNode;
}) {
  const may = useMay(props.permission, props.namespace);
  return <>{may ? props.children : props.otherwise}</>;
}
