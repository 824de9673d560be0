//! An app beside a browser, simulated: the real core whose passkeys are visits, and another real core that is the
//! system's browser of the same machine, with the page `/link` played by its commands.

use crate::server::TestServer;
use crate::sim::{Device, Machine};
use purse_bridge::{Asked, AskedPayments, Command, LinkStep, PurposeView, RequestView, Secret, Stage};
use purse_core::Core;
use purse_core::ports::{PasskeyAnswer, PasskeyError, Passkeys, Surroundings, WayBack};
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

const PORT: u16 = 40_000;
const WAY: &str = "http://127.0.0.1:40000/?answer=";

/// What the person in front of the browser does with the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    #[default]
    Yes,
    No,
    /// Looks away for ever.
    Waits,
    /// Somebody else on the machine answers first.
    Answers(String),
}

/// The passkeys of an app: there are none, but a browser.
pub struct Browser {
    pub device: Device,
    pub mood: RefCell<Mood>,
    /// Every address it was sent to, and every answer that it gave.
    pub visits: RefCell<Vec<String>>,
    pub answers: RefCell<Vec<String>>,
    /// What the page showed last.
    pub shown: RefCell<Option<RequestView>>,
    pub ways: Cell<u32>,
}

pub struct App {
    pub machine: Machine,
    pub core: Rc<Core<Machine>>,
    pub browser: Rc<Browser>,
}

impl Browser {
    pub fn new(device: Device) -> Rc<Self> {
        let (mood, visits, answers) = (RefCell::default(), RefCell::default(), RefCell::default());
        Rc::new(Self { device, mood, visits, answers, shown: RefCell::default(), ways: Cell::new(0) })
    }

    /// A page that reads the address, and a person who signs in or registers in place first.
    async fn page(&self, address: &str, yes: bool) -> Result<String, PasskeyError> {
        let (_, text) = address.split_once("/link#").ok_or(PasskeyError::Cancelled)?;
        let device = &self.device;
        device.act(Command::ReadLink { text: text.to_owned() }).await;
        let asked = self.asked().ok_or(PasskeyError::Cancelled)?;
        let stage = device.core.view().stage;
        match (&asked.purpose, stage) {
            (PurposeView::LetIn { account: Some(wish) }, Stage::Welcome) => {
                let (handle, display_name) = (wish.handle.to_string(), wish.display_name.clone());
                device.act(Command::Register { handle, display_name, currency: wish.currency }).await;
            }
            (PurposeView::LetIn { .. }, Stage::Welcome) => device.act(Command::SignIn).await,
            (PurposeView::LetIn { .. }, Stage::Locked(_)) => device.act(Command::Unlock).await,
            (PurposeView::StepUp { payments: AskedPayments::Closed }, stage) => {
                let opens = if stage == Stage::Welcome { Command::SignIn } else { Command::Unlock };
                device.act(opens).await;
                // As the page does at every stage; what it does not know yet comes by the next round.
                device.act(Command::ReadLink { text: text.to_owned() }).await;
                device.catch_up().await;
            }
            _ => {}
        }
        let asked = self.asked().unwrap_or(asked);
        *self.shown.borrow_mut() = Some(asked.clone());
        let link = asked.link;
        device.act(if yes { Command::ApproveLink { link } } else { Command::RefuseLink { link } }).await;
        match self.asked().map(|asked| asked.step) {
            Some(LinkStep::LeaveFor { address, .. }) => {
                address.0.strip_prefix(WAY).map(str::to_owned).ok_or(PasskeyError::Cancelled)
            }
            _ => Err(PasskeyError::Cancelled),
        }
    }

    fn asked(&self) -> Option<RequestView> {
        match self.device.core.view().links.asked?.what {
            Asked::Request(request) => Some(*request),
            Asked::Nothing => None,
        }
    }
}

impl Passkeys for Browser {
    async fn create(&self, _options: Value) -> Result<PasskeyAnswer, PasskeyError> {
        Err(PasskeyError::Unsupported)
    }
    async fn get(&self, _options: Value) -> Result<PasskeyAnswer, PasskeyError> {
        Err(PasskeyError::Unsupported)
    }
    async fn way_back(&self) -> Result<WayBack, PasskeyError> {
        self.ways.set(self.ways.get() + 1);
        Ok(WayBack::Loopback { port: PORT })
    }
    async fn visit(&self, way: WayBack, address: &str) -> Result<Secret<String>, PasskeyError> {
        assert_eq!(way, WayBack::Loopback { port: PORT });
        self.visits.borrow_mut().push(address.to_owned());
        let mood = self.mood.borrow().clone();
        let answer = match mood {
            Mood::Yes => self.page(address, true).await?,
            Mood::No => self.page(address, false).await?,
            Mood::Answers(answer) => answer,
            Mood::Waits => std::future::pending().await,
        };
        self.answers.borrow_mut().push(answer.clone());
        Ok(Secret(answer))
    }
}

impl App {
    pub async fn new(server: &TestServer, browser: Rc<Browser>) -> Self {
        let machine = Machine::at(server);
        machine.surroundings.set(Surroundings::App);
        let core = Core::open(machine.clone(), None).await;
        Self { machine, core, browser }
    }

    pub async fn act(&self, command: Command) {
        self.core.command(command, &*self.browser).await;
    }

    /// The same, as a device of the other tests.
    pub fn as_device(&self) -> Device {
        let hand = self.browser.device.hand.clone();
        Device { machine: self.machine.clone(), core: self.core.clone(), hand }
    }

    /// Closed and opened again: only what was stored is left.
    pub async fn restart(&mut self) {
        self.core = Core::open(self.machine.clone(), None).await;
    }
}
