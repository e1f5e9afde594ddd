import { fireEvent, screen, within } from "@testing-library/react";
import { useState } from "react";
import { beforeEach, expect, test } from "vitest";
import { show } from "~/testing/render";
import { type Column, DataTable } from "./DataTable";

interface Row {
  name: string;
  size: number;
}

const COLUMNS: Column<Row>[] = [
  { key: "name", title: "Name", width: "1fr", cell: (row) => row.name },
  { key: "size", title: "Size", width: "80px", sort: "size", cell: (row) => row.size },
  { key: "more", title: "More", width: "80px", isExtra: true, cell: () => "more" },
];

const ROWS: Row[] = [
  { name: "a", size: 1 },
  { name: "b", size: 2 },
];

const BASE = {
  id: "test",
  label: "Things",
  columns: COLUMNS,
  rowKey: (row: Row) => row.name,
  rowLabel: (row: Row) => row.name,
  empty: <p>nothing</p>,
};

function Selecting() {
  const [chosen, change] = useState<ReadonlySet<string>>(new Set());
  return (
    <DataTable
      {...BASE}
      rows={ROWS}
      selection={{ chosen, change, actions: <button type="button">act</button> }}
    />
  );
}

beforeEach(() => localStorage.clear());

test("nothing, not yet, and not at all are three things", () => {
  show(<DataTable {...BASE} rows={[]} />);
  expect(screen.getByText("nothing")).toBeDefined();
  show(<DataTable {...BASE} rows={[]} isPending />);
  expect(screen.getByRole("status").textContent).toContain("Loading");
  let asked = 0;
  show(<DataTable {...BASE} rows={[]} error={new Error("broken")} again={() => asked++} />);
  expect(screen.getByRole("alert").textContent).toContain("broken");
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(asked).toBe(1);
});

test("the order is asked for by a column's head, and told", () => {
  const asked: string[] = [];
  show(<DataTable {...BASE} rows={ROWS} sort="size" onSort={(word) => asked.push(word)} />);
  const head = screen.getByRole("columnheader", { name: /Size/ });
  expect(head.getAttribute("aria-sort")).toBe("descending");
  fireEvent.click(within(head).getByRole("button"));
  expect(asked).toEqual(["size"]);
});

test("rows are chosen one by one and all at once, and what can be done appears", () => {
  show(<Selecting />);
  expect(screen.queryByRole("button", { name: "act" })).toBeNull();
  fireEvent.click(screen.getByRole("checkbox", { name: "Select all that are shown" }));
  expect(screen.getByRole("region", { name: "2 selected" })).toBeDefined();
  fireEvent.click(screen.getByRole("button", { name: "Clear the selection" }));
  expect(screen.queryByRole("button", { name: "act" })).toBeNull();
});
