//! People, as this person knows them: by their contact's name, else by the name that they gave themselves.

use super::Pages;
use crate::book::Contact;
use purse_bridge::{ContactView, Party};
use purse_shared::protocol::Counterparty;
use purse_shared::{Handle, UnixMillis};
use std::collections::{BTreeMap, BTreeSet};

const RECENT_PAYEES: usize = 8;

impl Pages<'_> {
    pub(super) fn party(
        &self,
        handle: Option<&Handle>,
        other: Option<&Counterparty>,
        contacts: &BTreeMap<Handle, Contact>,
    ) -> Party {
        let contact = handle.and_then(|handle| contacts.get(handle)).map(|contact| contact.name.clone());
        let resolved = handle.and_then(|handle| self.open.local.resolved.get(handle));
        let person = handle.and_then(|handle| self.open.ledger.people.get(handle));
        let user = other.and_then(|other| other.user);
        let known_name = other
            .map(|other| other.display_name.clone())
            .or_else(|| person.map(|person| person.display_name.clone()))
            .or_else(|| resolved.map(|(_, name)| name.clone()))
            .filter(|name| !name.is_empty());
        Party {
            handle: handle.cloned(),
            user: user
                .or_else(|| person.map(|person| person.user))
                .or_else(|| resolved.map(|(user, _)| *user)),
            is_contact: contact.is_some(),
            name: contact
                .or(known_name)
                .or_else(|| handle.map(|handle| format!("@{handle}")))
                .unwrap_or_default(),
        }
    }

    fn contact(&self, handle: &Handle, saved: Option<&Contact>) -> ContactView {
        let person = self.open.ledger.people.get(handle);
        let party_user = person
            .map(|person| person.user)
            .or_else(|| self.open.local.resolved.get(handle).map(|(user, _)| *user));
        let fallback = || person.map_or_else(|| format!("@{handle}"), |person| person.display_name.clone());
        ContactView {
            handle: handle.clone(),
            name: saved.map(|contact| contact.name.clone()).unwrap_or_else(fallback),
            user: party_user,
            favourite: saved.is_some_and(|contact| contact.favourite),
            blocked: party_user.is_some_and(|user| self.open.ledger.blocked.contains(&user)),
            last_paid_at: person.and_then(|person| person.last_paid_at),
            saved: saved.is_some(),
        }
    }

    pub(super) fn contacts(&self, book: &BTreeMap<Handle, Contact>) -> Vec<ContactView> {
        let handles: BTreeSet<&Handle> = book.keys().chain(self.open.ledger.people.keys()).collect();
        let mut all: Vec<ContactView> =
            handles.into_iter().map(|handle| self.contact(handle, book.get(handle))).collect();
        all.sort_by_key(|contact| contact.name.to_lowercase());
        all
    }

    pub(super) fn recent_payees(&self, book: &BTreeMap<Handle, Contact>) -> Vec<ContactView> {
        let mut latest: BTreeMap<&Handle, UnixMillis> = self.state.outbox.payees().collect();
        for (handle, person) in &self.open.ledger.people {
            if let Some(paid) = person.last_paid_at {
                let at = latest.entry(handle).or_default();
                *at = (*at).max(paid);
            }
        }
        let mut payees: Vec<(&Handle, UnixMillis)> = latest.into_iter().collect();
        payees.sort_by_key(|(_, at)| std::cmp::Reverse(*at));
        let newest = payees.iter().take(RECENT_PAYEES);
        newest.map(|(handle, _)| self.contact(handle, book.get(handle))).collect()
    }
}
