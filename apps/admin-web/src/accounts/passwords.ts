import { accountRequests, PASSWORD_MIN } from "@daybook/domain";
import { z } from "zod";
import { t } from "../texts/index.ts";

export const passwordHelp = t.passwords.help(PASSWORD_MIN);

export const newPasswordLabel = { password: t.passwords.new };

/** What a person types to choose a password; the rest of the request is not typed. */
export const newPassword = z.object({ password: accountRequests.recoverPassword.shape.password });
