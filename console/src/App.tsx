// All that stands around every page.
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { BrowserRouter } from "react-router";
import { mayHelpToRetry } from "./api/error";
import { SessionProvider } from "./api/session";
import { LanguageProvider } from "./i18n";
import { ToastProvider } from "./parts/toasts";
import { ErrorBoundary } from "./shell/ErrorBoundary";
import { Pages } from "./shell/Pages";
import { schemeManager } from "./theme/scheme";
import { theme } from "./theme/theme";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // Live events make things old; this is for what they do not tell of.
      staleTime: 20_000,
      retry: (failures, error) => failures < 3 && mayHelpToRetry(error),
      refetchOnWindowFocus: false,
    },
  },
});

export function App() {
  return (
    // Its variables are in theme/mantine.css: the server's policy forbids style tags.
    <MantineProvider
      theme={theme}
      colorSchemeManager={schemeManager}
      defaultColorScheme="auto"
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <LanguageProvider>
        <ErrorBoundary>
          <QueryClientProvider client={queries}>
            <BrowserRouter>
              <ToastProvider>
                <SessionProvider>
                  <Pages />
                </SessionProvider>
              </ToastProvider>
            </BrowserRouter>
          </QueryClientProvider>
        </ErrorBoundary>
      </LanguageProvider>
    </MantineProvider>
  );
}
