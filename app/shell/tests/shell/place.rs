//! A folder of its own for each test, gone afterwards; and this very program once more, as another process.

use purse_shell::KeychainChoice;
use purse_shell::folder::Folder;
use purse_shell::keys::{self, NativeKeys, Opened};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub struct Place(PathBuf);

impl Place {
    pub fn new() -> Self {
        let mut random = [0_u8; 8];
        getrandom::fill(&mut random).unwrap();
        let name: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        Self(std::env::temp_dir().join(format!("purse-shell-{name}")))
    }
    pub fn path(&self) -> &Path {
        &self.0
    }
    pub fn store(&self) -> PathBuf {
        self.0.join("purse.redb")
    }
    /// As a backup tool copies it: everything but what is held open.
    pub fn copy(&self) -> Self {
        let copy = Self::new();
        std::fs::create_dir(&copy.0).unwrap();
        for file in std::fs::read_dir(&self.0).unwrap() {
            let file = file.unwrap().path();
            if file.is_file() {
                std::fs::copy(&file, copy.0.join(file.file_name().unwrap())).unwrap();
            }
        }
        copy
    }
    /// Every byte of every file.
    pub fn all_bytes(&self) -> Vec<u8> {
        let files = std::fs::read_dir(&self.0).unwrap().map(|file| file.unwrap().path());
        files.filter(|file| file.is_file()).flat_map(|file| std::fs::read(file).unwrap()).collect()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// A test of this program by its full name, as a process of its own.
pub fn again(test: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture", "--ignored", "--test-threads=1"]);
    command.env("PURSE_TEST_FOLDER", folder).stdin(Stdio::null());
    command
}

/// Where [`again`] wants this process to work.
pub fn told() -> PathBuf {
    std::env::var_os("PURSE_TEST_FOLDER").expect("started by another test").into()
}

pub async fn ready(folder: &Folder, choice: &KeychainChoice, store_is_empty: bool) -> NativeKeys {
    match keys::open(folder, choice, store_is_empty).await.unwrap() {
        Opened::Ready(keys) => keys,
        Opened::AskPassphrase => panic!("asks for a passphrase"),
        Opened::ChoosePassphrase => panic!("wants a passphrase"),
    }
}
