import { accountRequests, PASSWORD_MIN } from "@daybook/domain";
import { z } from "zod";

export const passwordHelp = `At least ${PASSWORD_MIN} characters. A few words that only you would put together are good.`;

export const newPasswordLabel = { password: "New password" };

/** What a person types to choose a password; the rest of the request is not typed. */
export const newPassword = z.object({ password: accountRequests.recoverPassword.shape.password });
