// When somebody was last here, and since when they are known: of people and of robots alike.
import { useWords } from "~/i18n";
import { peopleWords } from "~/i18n/words/people";
import type { Column } from "~/parts/DataTable";
import { TimeAgo } from "~/parts/Values";

export function useSeenColumns<T extends { seen_at?: string | null; created_at: string }>(): Column<T>[] {
  const say = useWords(peopleWords);
  return [
    {
      key: "seen",
      title: say("seen"),
      width: "130px",
      align: "end",
      cell: (row) => <TimeAgo time={row.seen_at} />,
    },
    {
      key: "created",
      title: say("created"),
      width: "130px",
      align: "end",
      cell: (row) => <TimeAgo time={row.created_at} />,
    },
  ];
}
