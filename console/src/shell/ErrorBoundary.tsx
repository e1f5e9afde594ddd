// Catches what a page throws: the frame around it stays, and the way out is shown.
import { Button } from "@mantine/core";
import { Bug } from "lucide-react";
import { Component, type ReactNode } from "react";
import { useWords } from "~/i18n";
import { shell } from "~/i18n/words/shell";
import { Empty } from "~/parts/States";

interface Props {
  children: ReactNode;
  /** Another address is another chance. */
  place?: string;
}

export class ErrorBoundary extends Component<Props, { error?: Error }> {
  override state: { error?: Error } = {};

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override componentDidUpdate(before: Props) {
    if (before.place !== this.props.place && this.state.error) this.setState({ error: undefined });
  }

  override render() {
    return this.state.error ? <Crashed error={this.state.error} /> : this.props.children;
  }
}

function Crashed({ error }: { error: Error }) {
  const say = useWords(shell);
  // A page's file is gone after an update of the server: its name holds what is in it.
  const isGone = /dynamically imported module|Importing a module script failed|error loading/i.test(
    error.message,
  );
  return (
    <Empty title={say("crashed")} icon={Bug}>
      <p>{say(isGone ? "newVersion" : "crashedText")}</p>
      {!isGone && <p className="mono">{error.message}</p>}
      <Button onClick={() => location.reload()}>{say("reload")}</Button>
    </Empty>
  );
}
