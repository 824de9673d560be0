-- What a session's passkey was asked for, where the person read that in a browser beside the app (`links`): it frees that
-- act and no other. Null: the person acted in this very session (signed in, or was asked by the page itself), for any act.
-- Letting a device in has a ceremony of its own and leaves nothing here.
alter table sessions
    add column passkey_act text,
    add constraint session_passkey_act_known check
        (passkey_act in ('add_passkey', 'remove_passkey', 'remove_device', 'make_recovery_code', 'close_account')),
    add constraint session_passkey_act_has_a_passkey check (passkey_act is null or passkey_at is not null);
