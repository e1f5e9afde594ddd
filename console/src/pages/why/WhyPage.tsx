// Why can't I pull? Takes an image as a client names it, and answers.
import { Button, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { answer, api } from "~/api/client";
import { useWords } from "~/i18n";
import { why } from "~/i18n/words/why";
import { useAddressState } from "~/parts/address";
import { PageHeader } from "~/parts/PageHeader";
import { Failure, Loading } from "~/parts/States";
import { PullAnswer } from "./PullAnswer";
import css from "./why.module.css";

const DEFAULTS = { image: "" };

/** What people paste: with the command, with a scheme, with white space. */
export function imageOf(text: string): string {
  return text
    .trim()
    .replace(/^(?:sudo\s+)?(?:docker|podman|nerdctl|crictl|crane|skopeo)\s+(?:pull|run)\s+/, "")
    .replace(/^(?:https?|docker):\/\//, "");
}

export default function WhyPage() {
  const say = useWords(why);
  const { state, change } = useAddressState(DEFAULTS);
  const [text, setText] = useState(state.image);
  useEffect(() => setText(state.image), [state.image]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change({ image: imageOf(text) });
  };
  return (
    <>
      <PageHeader title={say("title")} lead={say("lead")} />
      <form className={css.form} onSubmit={submit}>
        <TextInput
          className={css.input}
          aria-label={say("image")}
          placeholder={say("example", { host: location.host })}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          spellCheck={false}
          autoCapitalize="none"
          autoComplete="off"
          maxLength={512}
        />
        <Button type="submit" disabled={text.trim() === ""}>
          {say("ask")}
        </Button>
      </form>
      {state.image !== "" && <Asked image={state.image} />}
    </>
  );
}

function Asked({ image }: { image: string }) {
  const query = useQuery({
    queryKey: ["artifact", "pull-check", image],
    queryFn: ({ signal }) => answer(api.GET("/pull-check", { params: { query: { image } }, signal })),
  });
  if (query.isPending) return <Loading rows={3} />;
  if (query.error) return <Failure error={query.error} again={() => void query.refetch()} />;
  return <PullAnswer found={query.data} />;
}
