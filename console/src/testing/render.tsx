// Renders a part with all that stands around it in the console: words, theme, address, queries.
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type RenderResult, render } from "@testing-library/react";
import type { ReactNode } from "react";
import { MemoryRouter } from "react-router";
import { LanguageProvider } from "~/i18n";
import { theme } from "~/theme/theme";

export function show(element: ReactNode, at = "/"): RenderResult {
  localStorage.setItem("plimsoll.language", localStorage.getItem("plimsoll.language") ?? "en");
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  return render(
    <MantineProvider theme={theme} env="test" withCssVariables={false} withGlobalClasses={false}>
      <QueryClientProvider client={queries}>
        <LanguageProvider>
          <MemoryRouter initialEntries={[at]}>{element}</MemoryRouter>
        </LanguageProvider>
      </QueryClientProvider>
    </MantineProvider>,
  );
}
