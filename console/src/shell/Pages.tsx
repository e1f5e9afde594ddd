// Which page is shown: signing in until somebody is signed in, then the one of the address.
import { Suspense } from "react";
import { Navigate, Route, Routes, useLocation } from "react-router";
import { useSession } from "~/api/session";
import SignInPage from "~/pages/sign-in/SignInPage";
import { Failure, Loading } from "~/parts/States";
import { ROUTES } from "~/routes";
import { ErrorBoundary } from "./ErrorBoundary";
import { NotFound } from "./NotFound";
import { Shell } from "./Shell";

export function Pages() {
  const { state, again } = useSession();
  const { pathname } = useLocation();
  switch (state.is) {
    case "asking":
      return null;
    case "failed":
      return <Failure error={state.error} again={again} />;
    case "out":
      return <SignInPage />;
    case "in":
      return (
        <Shell>
          <ErrorBoundary place={pathname}>
            <Suspense fallback={<Loading />}>
              <Routes>
                {ROUTES.map(({ path, page: Page }) => (
                  <Route key={path} path={path} element={<Page />} />
                ))}
                {/* Who is signed in already has nothing to do there. */}
                <Route path="/sign-in" element={<Navigate to="/" replace />} />
                <Route path="*" element={<NotFound />} />
              </Routes>
            </Suspense>
          </ErrorBoundary>
        </Shell>
      );
  }
}
