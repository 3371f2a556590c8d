import { Outlet } from "@tanstack/react-router";
import { Suspense } from "react";
import { ChangePasswordPage } from "../accounts/ChangePasswordPage.tsx";
import { SignInPage } from "../accounts/SignInPage.tsx";
import { ErrorState, Lines } from "../ui/States.tsx";
import { Frame } from "./Frame.tsx";
import { useMe } from "./session.ts";

/** Shows the sign-in until somebody is, and the forced password change before anything else. */
export function Gate() {
  const me = useMe();
  if (me.isPending) return null;
  if (me.isError) return <ErrorState error={me.error} retry={me.refetch} />;
  if (!me.data) return <SignInPage />;
  return me.data.mustChangePassword ? <ChangePasswordPage /> : <Frame />;
}

/** Pages for people who are not signed in. */
export function Public() {
  return (
    <Suspense fallback={<Lines count={4} />}>
      <Outlet />
    </Suspense>
  );
}
