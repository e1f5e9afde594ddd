// What can be done with one row of a table, behind a button at its end.
import { ActionIcon, Menu } from "@mantine/core";
import { EllipsisVertical, type LucideIcon } from "lucide-react";
import { useWords } from "~/i18n";
import { parts } from "~/i18n/words/parts";
import type { Column } from "./DataTable";

export interface RowDeed {
  label: string;
  icon: LucideIcon;
  /** Whether something is lost by it. */
  isBad?: boolean;
  act: () => void;
}

/** The last column of a table: the deeds of each row. A row without any has no button. */
export function deedsColumn<T>(name: (row: T) => string, deeds: (row: T) => RowDeed[]): Column<T> {
  return {
    key: "actions",
    title: "",
    width: "32px",
    isFixed: true,
    cell: (row) => <RowMenu name={name(row)} deeds={deeds(row)} />,
  };
}

function RowMenu({ name, deeds }: { name: string; deeds: RowDeed[] }) {
  const say = useWords(parts);
  if (deeds.length === 0) return null;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={say("actionsOf", { name })}>
          <EllipsisVertical size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {deeds.map(({ label, icon: Icon, isBad, act }) => (
          <Menu.Item
            key={label}
            color={isBad ? "red" : undefined}
            leftSection={<Icon size={15} aria-hidden="true" />}
            onClick={act}
          >
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
